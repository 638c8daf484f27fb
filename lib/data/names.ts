/** Numbers names in the order in which they come. */
export function createNames(): { names: string[]; numberOf(name: string): number } {
  const names: string[] = []
  const numbers = new Map<string, number>()
  const numberOf = (name: string) => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, names.push(name) - 1)
    return names.length - 1
  }
  return { names, numberOf }
}
