'use strict'
// Exit code 0 when node_modules holds what package-lock.json says; much quicker than asking npm.
const fs = require('node:fs')
const path = require('node:path')

const root = path.dirname(__dirname)

function packages(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages
  } catch {
    return {}
  }
}

const installed = packages('node_modules/.package-lock.json')
const wrong = Object.entries(packages('package-lock.json')).filter(([where, wanted]) => {
  if (where === '') return false
  const there = installed[where]
  // A package for another system is left out by npm.
  if (!there || !fs.existsSync(path.join(root, where))) return !wanted.optional
  return there.version !== wanted.version || there.integrity !== wanted.integrity
})
process.exit(wrong.length > 0 ? 1 : 0)
