// slipway verify (written with the node)
export function define(): void {}
