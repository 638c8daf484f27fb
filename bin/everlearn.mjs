#!/usr/bin/env node
// In a checkout the sources run, through tsx; an installed package has dist/ only.
import { existsSync } from 'node:fs'

const source = new URL('../lib/cli/main.ts', import.meta.url)
const built = new URL('../dist/lib/cli/main.js', import.meta.url)
const fromSource = existsSync(source)
if (fromSource) (await import('tsx/esm/api')).register()
const { main } = await import((fromSource ? source : built).href)
process.exitCode = await main(process.argv.slice(2))
