-- Reads one path again and again. TOKEN and TARGET come from the environment.
function init()
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
end

function request()
  return wrk.format("GET", os.getenv("TARGET"))
end
