import type { Page } from 'puppeteer-core'

/** Texts whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
export function lowContrast(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
    const over = (colours: string[]) => {
      context.clearRect(0, 0, 1, 1)
      for (const colour of colours) {
        context.fillStyle = colour
        context.fillRect(0, 0, 1, 1)
      }
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const luminance = (rgb: number[]) =>
      rgb
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
    const found = new Set<string>()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement as HTMLElement
      if (!node.textContent?.trim() || element.closest('script, style, .hidden, .skip')) continue
      const behind: string[] = []
      for (let each: Element | null = element; each; each = each.parentElement)
        behind.unshift(getComputedStyle(each).backgroundColor)
      const [a, b] = [luminance(over(behind)), luminance(over([...behind, getComputedStyle(element).color]))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (contrast < 4.5)
        found.add(
          `${element.tagName}.${element.className} ${contrast.toFixed(2)}: ${node.textContent.slice(0, 30)}`,
        )
    }
    return [...found]
  })
}
