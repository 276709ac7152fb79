# SPDX-License-Identifier: Apache-2.0
"""Mail flows from every program that sends to every program that fetches, octet by octet."""
import re

from community import DOMAIN, Community, crlf, main, without_trace
from programs import FETCHERS, SENDERS, letter

BODY = "Dots:\r\n.\r\n..\r\n.x\r\n\r\nXin chào, 你好\r\n  blanks \r\n\r\nlast\r\n".encode()


def subject_of(message):
    return re.search(rb"(?m)^Subject: (.*?)\r?$", message)[1].decode()


class Flow(Community):
    def test_every_sender_reaches_every_fetcher_octet_by_octet(self):
        sender = self.member()
        boxes = {how: self.member() for how in FETCHERS}
        everybody = [self.address(x) for x in boxes.values()]
        sent = {}
        for how, send in SENDERS.items():
            subject = re.sub(r"[^\w ]", "", how)
            sent[subject] = letter(subject, BODY, self.address(sender))
            with self.subTest(sender=how):
                send(self.node, sender, everybody, sent[subject])
        for how, fetch in FETCHERS.items():
            with self.subTest(fetcher=how):
                got = {subject_of(x): without_trace(crlf(x))
                       for x in fetch(self.node, boxes[how])}
                self.assertEqual(sorted(got), sorted(sent))
                for subject, text in sent.items():
                    self.assertEqual(got[subject], text)


if __name__ == "__main__":
    main()
