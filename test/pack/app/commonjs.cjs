const everlearn = require('everlearn')
const threeSteps = require('./three-steps.cjs')

threeSteps(everlearn, 'commonjs').then((result) => console.log(JSON.stringify(result)))
