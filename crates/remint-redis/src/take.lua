-- Takes charges from budgets, all or none; or gives them back. Times are pairs of seconds and nanoseconds, since a number
-- of Lua holds no more than 53 bits.
--
-- KEYS: one for each budget. ARGV: "take" or "give"; what the clock is shifted by (seconds, nanoseconds); then for each
-- budget the span (until all units have come back) and the price, two numbers each.
-- Answers 1 or 0 (all were taken, or none), and each budget's backlog before, two numbers each.

local function normal(s, n)
  if n >= 1000000000 then return s + 1, n - 1000000000 end
  if n < 0 then return s - 1, n + 1000000000 end
  return s, n
end

local function less(s1, n1, s2, n2) return s1 < s2 or (s1 == s2 and n1 < n2) end

local time = redis.call('TIME')
local now_s, now_n = normal(tonumber(time[1]) + tonumber(ARGV[2]), tonumber(time[2]) * 1000 + tonumber(ARGV[3]))

local function put(key, s, n, span_s, span_n)
  if s <= 0 and n <= 0 then
    redis.call('DEL', key)
    return
  end
  if less(span_s, span_n, s, n) then span_s, span_n = s, n end
  local full_s, full_n = normal(now_s + s, now_n + n)
  local text = string.format('%.0f %.0f %.0f %.0f', full_s, full_n, span_s, span_n)
  redis.call('SET', key, text, 'PX', string.format('%.0f', s * 1000 + math.ceil(n / 1000000) + 1))
end

local budgets, answer, all = {}, { 1 }, true
for i, key in ipairs(KEYS) do
  local at = 4 * i
  local budget = {
    span_s = tonumber(ARGV[at]), span_n = tonumber(ARGV[at + 1]),
    price_s = tonumber(ARGV[at + 2]), price_n = tonumber(ARGV[at + 3]),
    s = 0, n = 0,
  }
  local cell = redis.call('GET', key)
  if cell then
    local full_s, full_n, span_s, span_n = string.match(cell, '^(%d+) (%d+) (%d+) (%d+)$')
    if full_s then
      span_s, span_n = tonumber(span_s), tonumber(span_n)
      local s, n = normal(tonumber(full_s) - now_s, tonumber(full_n) - now_n)
      if s < 0 then
        s, n = 0, 0
      elseif less(span_s, span_n, s, n) then
        -- The clock was set back: from now on the budget is empty, and not for as long as that.
        s, n = span_s, span_n
        put(key, s, n, span_s, span_n)
      end
      budget.s, budget.n = s, n
    end
  end
  budget.after_s, budget.after_n = normal(budget.s + budget.price_s, budget.n + budget.price_n)
  if (budget.price_s > 0 or budget.price_n > 0)
    and less(budget.span_s, budget.span_n, budget.after_s, budget.after_n) then
    all = false
  end
  answer[2 * i], answer[2 * i + 1] = budget.s, budget.n
  budgets[i] = budget
end

if ARGV[1] == 'give' then
  for i, key in ipairs(KEYS) do
    local budget = budgets[i]
    local s, n = normal(budget.s - budget.price_s, budget.n - budget.price_n)
    if s < 0 then s, n = 0, 0 end
    put(key, s, n, budget.span_s, budget.span_n)
  end
elseif all then
  for i, key in ipairs(KEYS) do
    local budget = budgets[i]
    put(key, budget.after_s, budget.after_n, budget.span_s, budget.span_n)
  end
else
  answer[1] = 0
end
return answer
