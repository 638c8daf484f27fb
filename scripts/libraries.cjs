'use strict'
// Which shared libraries travel with the addon, and which every machine has.
const { execFileSync } = require('node:child_process')
const path = require('node:path')

/** Shipped beside the addon. `terms`: texts of /usr/share/common-licenses that the package's copyright file refers to. */
const bundled = [
  { pattern: /^libdnnl\.so\.\d+$/, name: 'oneDNN', licence: 'Apache-2.0', terms: ['Apache-2.0'] },
  { pattern: /^libOpenCL\.so\.1$/, name: 'OCL-ICD, loader of OpenCL', licence: 'BSD-2-Clause', terms: [] },
  {
    pattern: /^libgomp\.so\.1$/,
    name: 'GNU OpenMP run time',
    licence: 'GPL-3.0-or-later with the GCC Runtime Library Exception 3.1',
    terms: ['GPL-3'],
  },
]

// Node itself links these.
const onEveryMachine = /^(linux-vdso|ld-linux-x86-64|lib(c|m|dl|pthread|rt|gcc_s|stdc\+\+))\.so/

/**
 * The libraries an addon needs directly or through others and that a machine may lack, as
 * `{ soname, file, name, licence, terms }`. Throws where one is missing or belongs to neither list.
 */
function librariesToBundle(addon) {
  const lines = execFileSync('ldd', [addon], { encoding: 'utf8' }).split('\n')
  const found = []
  for (const line of lines.map((text) => text.trim()).filter(Boolean)) {
    const soname = path.basename(line.split(/\s/)[0])
    if (onEveryMachine.test(soname)) continue
    const entry = bundled.find(({ pattern }) => pattern.test(soname))
    if (!entry)
      throw new Error(`${addon} needs ${soname}, which scripts/libraries.cjs does not know: "${line}"`)
    const file = /=> (\/\S+)/.exec(line)?.[1]
    if (!file) throw new Error(`${soname}, which ${addon} needs, was not found: "${line}"`)
    found.push({ soname, file, ...entry })
  }
  return found
}

module.exports = { librariesToBundle }
