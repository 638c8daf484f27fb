import { type Device, openDevice, type Tensor } from 'everlearn'

const device: Device = await openDevice()
const tensor: Tensor<'float32'> = device.tensor([1, 2, 3])
const values: Float32Array = await tensor.read()
values.fill(0)
