// SPDX-License-Identifier: Apache-2.0
// Frames of a peer that may do anything: what it can make us hold keeps its bounds. An input is
// pairs of a size (two octets, the upper bits say what we do then) and a frame.
#include "gateway/link/session.hpp"

#include <cstdlib>
#include <string_view>

namespace {

using namespace hamlet::link;

rules small_rules() {
  rules x;
  x.window = 8;
  x.window_octets = 512;
  x.queue = 8;
  x.queue_octets = 512;
  x.answer_octets = 2048;
  x.max_payload = 256;
  x.frame_octets = 256;
  return x;
}

void check(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  auto limits = small_rules();
  instant time{0};
  Hello ours;
  ours.set_cluster("c");
  session x{ours, limits, false, [](const Hello&) { return std::optional<Refused>{}; }, time};
  std::size_t asked = 0;
  std::size_t settled = 0;
  std::vector<std::uint64_t> open;
  auto settle = [&](std::vector<news::settled>& all) {
    for (auto& one : all)
      one.done(std::move(one.with));
  };
  while (rest.size() >= 2) {
    auto head = static_cast<unsigned char>(rest[0]);
    auto length = static_cast<std::size_t>(head & 3u) << 8u | static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    Frame frame;
    if (!frame.ParseFromString(std::string{rest.substr(0, length)}))
      break;
    rest.remove_prefix(std::min(length, rest.size()));
    auto found = x.on_frame(frame, time);
    for (auto& y : found.commands)
      open.push_back(y.sequence);
    settle(found.replies);
    if (found.ends || found.refused)
      break;
    if ((head & 4u) != 0 && !open.empty()) {
      x.answer(
        open.back(),
        {hamlet::cluster::delivery::ok, 0, 0, std::string(200, 'a'), hamlet::errc::none, {}});
      open.pop_back();
    }
    if ((head & 8u) != 0) {
      command mine;
      mine.payload.assign(100, 'q');
      mine.left = instant{1'000};
      on_reply done = [&settled](const reply&) { ++settled; };
      asked += x.submit(mine, done, time) ? 1 : 0;
    }
    if ((head & 16u) != 0)
      check(x.next_frame(time).ByteSizeLong() < 4096);
    if ((head & 32u) != 0) {
      time += instant{500};
      auto late = x.tick(time);
      settle(late.replies);
    }
    check(x.in_hand() <= limits.window && x.waiting() <= limits.queue);
    check(x.held_octets() <= limits.window_octets + limits.max_payload + limits.queue_octets
                               + limits.answer_octets + 8 * 1024);
  }
  auto left = x.end();
  settle(left);
  check(asked == settled); // each command is told its end, once
  return 0;
}
