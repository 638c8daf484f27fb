const everlearn = require('everlearn')
const threeSteps = require('./three-steps.cjs')

threeSteps(everlearn).then((result) => console.log(JSON.stringify(result)))
