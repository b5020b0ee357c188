-- wrk's request, taken from the environment: MM_METHOD, MM_HEADERS ("name: value" lines), MM_BODY;
-- MM_KEYS, if not empty, are the lines with the keys that take turns as bearer tokens.
-- At the end one line that load.js reads: requests, microseconds, then every kind of failure.

wrk.method = os.getenv("MM_METHOD")
wrk.body = os.getenv("MM_BODY")
for line in string.gmatch(os.getenv("MM_HEADERS") or "", "[^\n]+") do
  local name, value = string.match(line, "^([^:]+):%s*(.*)$")
  wrk.headers[name] = value
end

local requests = {}
local last = 0

function init()
  for key in string.gmatch(os.getenv("MM_KEYS") or "", "[^\n]+") do
    wrk.headers["authorization"] = "Bearer " .. key
    requests[#requests + 1] = wrk.format()
  end
  if #requests == 0 then requests[1] = wrk.format() end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.timeout + e.status))
end
