/**
 * Follows the server: says when something has changed, and whether it can be reached.
 *
 * @param {() => Promise<void>} refresh
 * @param {(text: string, lost: boolean) => void} say
 */
export function follow(refresh, say) {
  let lost = false
  let busy = false
  let again = false
  /** @type {EventSource | null} */
  let source = null
  const update = async () => {
    again = busy
    if (busy) return
    busy = true
    try {
      await refresh()
    } catch {
      // The next change asks again.
    } finally {
      busy = false
    }
    if (again) await update()
  }
  const connect = () => {
    source?.close()
    source = null
    // A browser has few connections to one server: pages that nobody sees hold none.
    if (document.hidden) return
    source = new EventSource(`/events${location.search}`)
    source.addEventListener('open', () => {
      if (lost) say('Connected again.', false)
      lost = false
      update()
    })
    source.addEventListener('change', update)
    source.addEventListener('error', () => {
      if (!lost) say('The dashboard does not answer; what is shown is no longer up to date.', true)
      lost = true
    })
  }
  document.addEventListener('visibilitychange', connect)
  connect()
}

/**
 * Puts new content in place of the old, and keeps what the reader has done: what is open, where the focus is, how far
 * tables are scrolled, and drawn charts.
 *
 * @param {HTMLElement} before
 * @param {HTMLElement} after
 * @param {(place: HTMLElement) => boolean} keeps whether a chart stays as it is drawn
 */
export function replaceContent(before, after, keeps) {
  const focus = document.activeElement
  const key = focus instanceof HTMLElement && before.contains(focus) ? placeOf(before, focus) : null
  const scrolled = [...before.querySelectorAll('.scroll')].map((each) => each.scrollLeft)
  for (const details of /** @type {NodeListOf<HTMLDetailsElement>} */ (
    before.querySelectorAll('details[id]')
  )) {
    const other = after.querySelector(`details[id="${details.id}"]`)
    if (other instanceof HTMLDetailsElement) other.open = details.open
  }
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (
    before.querySelectorAll('#picker input')
  )) {
    for (const other of /** @type {NodeListOf<HTMLInputElement>} */ (after.querySelectorAll('#picker input')))
      if (other.value === input.value) other.checked = input.checked
  }
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (before.querySelectorAll('.plot'))) {
    const other = after.querySelector(`.plot[id="${place.id}"]`)
    if (!other || !keeps(place)) continue
    place.dataset.moving = 'yes'
    other.replaceWith(place)
  }
  before.replaceChildren(...after.childNodes)
  before.querySelectorAll('.scroll').forEach((each, index) => {
    each.scrollLeft = scrolled[index] ?? 0
  })
  if (key !== null) elementAt(before, key)?.focus({ preventScroll: true })
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (before.querySelectorAll('.plot')))
    delete place.dataset.moving
}

const focusable = 'a[href], button, input, summary, [tabindex]'

/** @param {HTMLElement} root @param {HTMLElement} element */
const placeOf = (root, element) => [...root.querySelectorAll(focusable)].indexOf(element)

/** @param {HTMLElement} root @param {number} index */
const elementAt = (root, index) =>
  /** @type {HTMLElement | undefined} */ ([...root.querySelectorAll(focusable)][index])
