const { readFileSync } = require('node:fs')

/** Trains a linear layer for three steps; the losses, and the files of our shared libraries that are loaded. */
module.exports = async function threeSteps({ openDevice, linear, meanSquaredError, Arena, AdamW }) {}
