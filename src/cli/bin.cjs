require("./slipway.cjs");
