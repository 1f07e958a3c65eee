-- Creates ConfigMaps of about 700 bytes, each with a name of its own. TOKEN and RUN come from the environment.
local threads = 0
function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

local count = 0
local filling = string.rep("x", 512)
function init()
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  local name = string.format("b-%s-%d-%d", os.getenv("RUN"), id, count)
  local body = string.format(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","labels":{"app":"bench"}},"data":{"k":"%s"}}',
    name, filling)
  return wrk.format("POST", "/api/v1/namespaces/default/configmaps", nil, body)
end
