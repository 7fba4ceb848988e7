#pragma once
// A swarm file with every key that the readers of swarm files know.

#include <string_view>

namespace skep {

inline constexpr std::string_view every_key = R"(name = "all"
plugins = ["one", { name = "two", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }]
delivery = "at_least_once"

[gateways.door]
type = "tcp"
answers = "second.kept"
from = "third"
nodes = ["edge"]
listen = "127.0.0.1:0"
content = "raw"
requests_max = 16
deadline = "1.5s"
reply_bytes_max = "64KiB"
public = true

[bees.first]
class = "test.first"
from = "door"

[bees.second]
class = "test.second"
from = ["door", { bee = "first", port = "other", route = "key", window = 3, window_bytes = "1MiB", overflow = "drop_newest" }]
replicas = 4
batch = { size_max = 32, delay_max = "2ms" }
execution = "dedicated"
restart = "transient"
held_records_max = 7
held_bytes_max = "2MiB"
callback_time_max = "0s"
nodes = ["gpu", "big"]
options = { text = "a \"b\" $${x}", list = [1, 2.5, "x", { deep = [true] }], weight = 1.0, most = inf }

[bees.third]
class = "test.third"
from = { bee = "second", route = "all" }

[supervision]
strategy = "rest_for_one"
intensity = 0
period = "24h"

[dead_letters]
records_max = 0
bytes_max = "1KiB"
)";

}  // namespace skep
