'use strict'
// The only place that loads the addon; lib/ (under tsx) and dist/lib/ both come here through lib/tensor/native.ts.

// libgomp reads this once, when it is loaded: unbounded spinning makes two processes on two cores lose 60 %.
process.env.GOMP_SPINCOUNT ??= '5000'

function machine() {
  const glibc = process.platform === 'linux' && process.report?.getReport().header.glibcVersionRuntime
  const libc = process.platform === 'linux' ? (glibc ? ` with glibc ${glibc}` : ' without glibc') : ''
  return `${process.platform}-${process.arch}${libc}, Node ${process.version}`
}

function advice(cause) {
  const supported =
    'linux-x64; the prebuilt binary needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL 9)'
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `Supported: ${supported}. On Windows use WSL 2, elsewhere a linux/amd64 container.`
  return (
    `Supported: ${supported}. The loader said: ${cause.message.trim().split('\n')[0]}. ` +
    'To build for this machine, with g++ 12 or newer, CMake, make and oneDNN ' +
    `(Debian, Ubuntu: apt-get install g++ cmake make libdnnl-dev): cd ${__dirname} && npx cmake-js compile --out cmake-build`
  )
}

try {
  module.exports = require('node-gyp-build')(__dirname)
} catch (cause) {
  const message = `no binary of everlearn runs on this machine (${machine()}). ${advice(cause)}`
  throw Object.assign(new Error(message, { cause }), { code: 'NO_BINARY' })
}
