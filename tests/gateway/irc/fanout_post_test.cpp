// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_post.hpp"
#include "tests/gateway/net/stream_fixture.hpp"

namespace hamlet::irc {

// The sockets are real, so that the order is that of the wire.
using FanoutPostTest = net::StreamTest;

TEST_F(FanoutPostTest, ClientsGetLinesInTheOrderOfTheCalls) {
  std::promise<net::outlet> started;
  up.on_start = [&](net::stream& s) { started.set_value(s.outlet()); };
  up.on_bytes = [](net::stream&, const std::string&) {};
  net_client client{serve()};
  postman::address where{1, started.get_future().get()};
  postman::address other{2, {}}; // leads nowhere
  auto post = make_postman();
  auto line = [](const std::string& text) {
    return std::make_shared<const std::string>(text + "\r\n");
  };
  const postman::address* both[] = {&where, &other};
  auto crowd = post->gather(both);
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    post->add(where, line("a" + std::to_string(i)));
    post->add(*crowd, line("b" + std::to_string(i)), &other);
    post->add(*crowd, line("not to it"), &where);
    post->add(where, line("c" + std::to_string(i)));
    expected +=
      "a" + std::to_string(i) + "\r\nb" + std::to_string(i) + "\r\nc" + std::to_string(i) + "\r\n";
    if (i % 3 == 0)
      post->send();
  }
  post->send();
  EXPECT_EQ(client.receive(expected.size()), expected);
}

} // namespace hamlet::irc
