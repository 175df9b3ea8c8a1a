/// Queries and pieces of queries to begin with: each part of the language at least once.
enum Seeds {
  static let queries = [
    #"sum by (run, "gpu.name") (rate(train_tokens_total{run=~"a.*|b", phase!="eval"}[5m] offset -1h)) / 8"#,
    #"histogram_quantile(0.9, sum without (instance) (rate(step_seconds_bucket[$__rate_interval])))"#,
    #"topk(3, loss{run="$run", job=~"${job:regex}"}) > bool 0.5e-3"#,
    #"max_over_time((loss - on(run) group_left(host) best_loss)[1h30m:5m] @ end() offset 1d)"#,
    #"{"train.loss", 'run.name'=`a\b`, __name__!~"x{2,3}(?i:y)[^a-z\\d]"}"#,
    #"label_replace(up, "host", "$1", "instance", "([^:]+):.*") and ignoring (host) unless_metric or vector(1)"#,
    "count_values without (a,) (\"v\\x41\\u00e9\\U0001F600\\n\", -a ^ +b % 0x1F atan2 1_000)",
    "a + fill(0) b * on(x) fill_left(-1) fill_right(5m) c == ignoring() group_right() d </ 3 >/ NaN",
    "increase(a:b[step() * 2 + min_of(range(), 1h) - -(5m ^ 2)] anchored) or x[max_of(1, 2):step()] @ -1.5",
    "foo offset (5m + step()) smoothed @ start() != Inf # comment\n- bar",
    "info(rate(a[5m]), {job=~\".*\"}) + limit_ratio(0.1, limitk by (z) (5, sum(start) + end{by=\"1\"}))",
    "${fn}(${metric}_total{$label=\"a-$x-[[y:csv]]\", ${filters}}[${n}m:$__interval] offset $off) by_name",
    "$agg by ($labels, ${more:csv}) ($q, [[metric]] @ ${__from:date:seconds}) * $__range_s",
    "quantile_over_time(scalar(x) * 0.5, temperature[1y2w3d4h5m6s7ms])",
    "-{a=\"\\\"\", b='\\'', c=`\n`} >= ((2)) <= 5m",
  ]

  static let pieces = [
    "(", ")", "{", "}", "[", "]", "[5m]", "[5m:]", ",", ":", "=", "=~", "!~", "!=", "==", "</", ">/", "<", ">", "+",
    "-", "*", "/", "%", "^", "@", "#", "\n", " ", "\"", "'", "`", "\\", "\"a\"", "$", "$x", "${x}", "${x:csv}", "[[x]]",
    "[[", "]]", "0", "5m", "1e", "0x", ".", "_", "Inf", "NaN", "sum", "by", "without", "on", "ignoring", "group_left",
    "group_right", "bool", "offset", "fill(1)", "fill_left (2)", "anchored", "smoothed", "start()", "end()", "step()",
    "range()", "min_of(1,2)", "max_of(", "and", "or", "unless", "atan2", "rate(", "info(", "topk(1,", "__name__",
    "\\x00", "\\377", "\\u1234", "é", "\u{fffd}", "é=\"ü\"",
  ]
}
