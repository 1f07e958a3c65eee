// The command line. (to be written)
console.log("slipway");
