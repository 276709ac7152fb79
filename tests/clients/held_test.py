#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail that an administrator holds: nobody gets it, whatever happens, until it is released."""
import json
import re

from community import Community, main, stuffed
from programs import letter
from wire import Smtp

FAR = "far@elsewhere.test"


class Held(Community):
    def ctl(self, *words):
        return self.node.run("ctl", *words)

    def waiting(self):
        listed = json.loads(self.ctl("queue", "list", "-o", "json"))["messages"]
        return {x["queue_id"]: x for x in listed}

    def send_far(self, name, text):
        """A message that waits, for nobody delivers it yet. Returns its number."""
        with Smtp(self.port("submissions"), tls=True) as client:
            self.assertRegex(client.log_in(name), "^235")
            client.envelope(self.address(name), FAR)
            reply = client.data(stuffed(text))
            client.ask("QUIT")
        return re.search(r"queued as (\w{13})", reply)[1]

    def is_for(self, name):
        """As if the mailboxes had been away when it came: all that waits is for this member."""
        account = self.node.column(f"SELECT account_id FROM account WHERE local = '{name}'")[0]
        self.node.change([(f"UPDATE recipient SET account_id = ?, address = '{self.address(name)}'",
                           account)])

    def test_nobody_gets_it_before_it_is_released(self):
        name = self.member()
        held, other = (letter(x, b"x\r\n", self.address(name)) for x in ("held", "other"))
        number = self.send_far(name, held)
        self.assertRegex(self.ctl("queue", "hold", number), r"held +20\d\d-")
        self.send_far(name, other)
        self.is_for(name)
        self.ctl("queue", "retry")
        self.wait_until(lambda: len(self.waiting()) == 1, "the other one arrives")
        self.assertEqual(self.texts_of(name), [other])  # a login collects, too
        self.node.stop()
        self.node.start()
        self.assertEqual(self.texts_of(name), [other])
        self.assertRegex(self.ctl("queue", "list"), rf"HELD\n{number} .* {name}@.* +20\d\d-\d\d-\d\d")
        shown = self.ctl("queue", "show", number)
        self.assertRegex(shown, r"held +20\d\d-")
        self.assertRegex(shown, r"\ntrace +Received: from [^?]+ with\n +ESMTPSA [^?]+\n")
        self.assertRegex(self.node.run("queue", "list", "--all"), rf"HELD .*\n{number} .* B +20\d\d-.*{name}@")
        self.assertNotIn("held", self.ctl("queue", "release", number))
        self.wait_until(lambda: not self.waiting(), "it goes on")
        self.assertEqual(self.texts_of(name), [other, held])
        said = self.ctl("audit", "list")
        for method in ("Hold", "Release"):
            self.assertRegex(said, rf"local +Queue/{method} +{number} +OK")

    def test_it_can_be_dropped(self):
        name = self.member()
        number = self.send_far(name, letter("unwanted", b"x\r\n", self.address(name)))
        self.ctl("queue", "hold", number)
        self.ctl("queue", "drop", number, "--yes")
        self.assertNotIn(number, self.waiting())
        gone = self.node.run("ctl", "queue", "release", number, check=False)
        self.assertEqual(gone.returncode, 5, gone.stderr)


if __name__ == "__main__":
    main()
