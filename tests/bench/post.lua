-- wrk's request, taken from the environment: MM_METHOD, MM_HEADERS ("name: value" lines), MM_BODY.
-- At the end one line that load.js reads: requests, microseconds, then every kind of failure.

wrk.method = os.getenv("MM_METHOD")
wrk.body = os.getenv("MM_BODY")
for line in string.gmatch(os.getenv("MM_HEADERS") or "", "[^\n]+") do
  local name, value = string.match(line, "^([^:]+):%s*(.*)$")
  wrk.headers[name] = value
end

function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.timeout + e.status))
end
