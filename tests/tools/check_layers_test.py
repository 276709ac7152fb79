# SPDX-License-Identifier: Apache-2.0
"""Each rule of the layers, broken once."""
import unittest

import check_layers

TEXT = '// SPDX-License-Identifier: Apache-2.0\n#include {}\n'
CASES = [
    ("lib/a/a.cpp", '"storage/sql/task.hpp"', "lib may not include storage/sql/task.hpp"),
    ("lib/a/a.cpp", '"hamlet/mail/v1/queue.pb.h"', "lib may not include hamlet/mail/v1/queue.pb.h"),
    ("gateway/smtp/connection.cpp", '"storage/sql/task.hpp"', "gateway asks actors"),
    ("gateway/smtp/connection.cpp", '"actors/queue/queue.hpp"', "gateway talks to interfaces"),
    ("gateway/smtp/verbs.cpp", '"lib/log/log.hpp"', "is pure"),
    ("gateway/pop3/session.hpp", '"gateway/net/stream.hpp"', "is pure"),
    ("gateway/smtp/connection.cpp", "<boost/asio.hpp>", "may not see boost/asio.hpp"),
    ("storage/mail/release.cpp", "<sqlite3.h>", "may not see sqlite3.h"),
    ("storage/mail/release.cpp", "<libpq-fe.h>", "may not see libpq-fe.h"),
    ("actors/relay/relay.cpp", "<hiredis/hiredis.h>", "may not see hiredis/hiredis.h"),
    ("lib/tls/channel.hpp", "<openssl/ssl.h>", "may not see openssl/ssl.h"),
    ("storage/mail/release.cpp", "<caf/all.hpp>", "may not see caf/all.hpp"),
]
ALLOWED = [
    ("storage/mail/release.cpp", '"lib/base/result.hpp"'),
    ("gateway/smtp/verbs.cpp", '"gateway/smtp/machine.hpp"'),
    ("gateway/smtp/verbs.cpp", '"lib/mail/address.hpp"'),
    ("gateway/smtp/connection.cpp", '"actors/router.hpp"'),
    ("gateway/net/stream.cpp", "<boost/asio.hpp>"),
    ("lib/tls/channel.cpp", "<openssl/ssl.h>"),
]


class Layers(unittest.TestCase):
    def test_names_each_broken_rule(self):
        for name, include, expected in CASES:
            with self.subTest(name=name, include=include):
                found = list(check_layers.faults_of(name, TEXT.format(include)))
                self.assertTrue(any(expected in x for x in found), found)

    def test_lets_pass_what_is_allowed(self):
        for name, include in ALLOWED:
            with self.subTest(name=name, include=include):
                self.assertEqual([], list(check_layers.faults_of(name, TEXT.format(include))))


if __name__ == "__main__":
    unittest.main()
