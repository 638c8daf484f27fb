import * as everlearn from 'everlearn'
import threeSteps from './three-steps.cjs'

console.log(JSON.stringify(await threeSteps(everlearn, 'esm')))
