'use strict'
// The only place that loads the addon; lib/ (under tsx) and dist/lib/ both come here through lib/tensor/native.ts.

// libgomp reads this once, when it is loaded: unbounded spinning makes two processes on two cores lose 60 %.
process.env.GOMP_SPINCOUNT ??= '5000'

try {
  module.exports = require('node-gyp-build')(__dirname)
} catch (cause) {
  throw new Error(
    `everlearn has no binary for ${process.platform}-${process.arch} (Node ${process.version}). ` +
      'Prebuilt: linux-x64 with glibc 2.34 or newer. Elsewhere build one with a C++20 compiler, CMake and oneDNN ' +
      `(Debian: apt-get install g++ cmake make libdnnl-dev): cd ${__dirname} && npx cmake-js compile --out cmake-build`,
    { cause },
  )
}
