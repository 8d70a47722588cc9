-- The load, for wrk: what each request asks for. Called by scripts/bench, which says after `--`:
--   MODE IDEAS ACCOUNTS OFFSET TOKENS
-- OFFSET is how many requests came before, so that no run repeats another. Ids are those of crates/bench/src/seed.rs.

local mode, ideas, accounts, offset
local tokens = {}
local base = "/v1/councils/bench"
local challenge = "00000000-0000-7000-8000-000000000002"
local n = 0

local function idea(k)
  return string.format("%s/ideas/00000000-0000-7000-8001-%012x", base, k)
end

function init(args)
  mode, ideas, accounts, offset = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  if mode == "support" then
    for line in io.lines(args[5]) do
      tokens[#tokens + 1] = "Bearer " .. line
    end
  end
  -- What is always the same is left to wrk, which then calls nothing here for a request.
  if mode ~= "same" then
    request = next_request
  end
end

function next_request()
  local k = offset + n
  n = n + 1
  if mode == "list" then
    -- The newest are the newest whatever the seed: the same work at an address that no cache has seen.
    return wrk.format("GET", string.format("%s/challenges/%s/ideas?seed=%d", base, challenge, k))
  elseif mode == "detail" then
    -- Over all ideas, not one after the other; 7919 is a prime that divides no number of ideas used here.
    -- One idea takes no parameter that would make another address of it, so its cache is passed by in words.
    return wrk.format("GET", idea(k * 7919 % ideas + 1), { ["Cache-Control"] = "no-cache" })
  end
  -- Each pair of account and idea once: an account meets another idea each time that its turn comes.
  local account = k % accounts
  local path = idea((math.floor(k / accounts) + account * 31) % ideas + 1) .. "/support"
  return wrk.format("PUT", path, {
    ["Authorization"] = tokens[account + 1],
    ["Content-Type"] = "application/json",
    -- For the bare handler, which reads no token.
    ["X-Bench-Account"] = tostring(account + 1),
  }, "{}")
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %.1f %.1f %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
