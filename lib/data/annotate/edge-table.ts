/** A table from pairs of numbers to numbers, in flat arrays: a hundred times smaller and faster than maps of maps. */
export interface EdgeTable {
  /** The number of a pair; 0 when it has none. Both are whole numbers from 0 below 2^31. */
  get(from: number, label: number): number
  /** The number of a pair, which is given the next one from 1 when it has none. */
  add(from: number, label: number): number
}

/**
 * Open addressing: a pair stands at its hash or behind, at most two places in three are taken.
 *
 * @param room for so many pairs at first, about
 */
export function createEdgeTable(room = 1024): EdgeTable {
  const places = 2 ** Math.ceil(Math.log2(room + 4))
  let froms = new Int32Array(places)
  let labels = new Int32Array(places)
  let numbers = new Int32Array(places)
  let count = 0

  /** Where the pair stands, or the free place where it belongs. */
  const place = (from: number, label: number): number => {
    const mask = numbers.length - 1
    let at = Math.imul(Math.imul(from, 0x9e3779b1) ^ label, 0x85ebca6b)
    at = (at ^ (at >>> 15)) & mask
    while (numbers[at] !== 0 && (froms[at] !== from || labels[at] !== label)) at = (at + 1) & mask
    return at
  }
  const put = (from: number, label: number, number: number) => {
    const at = place(from, label)
    froms[at] = from
    labels[at] = label
    numbers[at] = number
  }
  const grow = () => {
    const before = [froms, labels, numbers]
    const size = numbers.length * 2
    froms = new Int32Array(size)
    labels = new Int32Array(size)
    numbers = new Int32Array(size)
    for (let at = 0; at < size / 2; at++)
      if (before[2][at] !== 0) put(before[0][at], before[1][at], before[2][at])
  }
  return {
    get: (from, label) => numbers[place(from, label)],
    add(from, label) {
      const number = numbers[place(from, label)]
      if (number !== 0) return number
      if (3 * (count + 1) > 2 * numbers.length) grow()
      put(from, label, ++count)
      return count
    },
  }
}
