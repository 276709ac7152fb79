# SPDX-License-Identifier: Apache-2.0
"""What may change between two releases that run side by side, and what may not."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import check_proto

HEAD = 'syntax = "proto3";\npackage house.v1;\n'
FIRST = HEAD + "enum Kind { NONE = 0; TEA = 1; }\nmessage Cup { string name = 1; int64 size = 2; Kind kind = 3; }\n" \
               "service Table { rpc Lay(Cup) returns (Cup); }\n"


class CheckProto(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "proto").mkdir()
        (self.root / "proto" / "released.txt").write_text("", encoding="ascii")
        self.write(FIRST)
        self.assertEqual(check_proto.main(self.root, "--write"), 0)

    def write(self, text):
        (self.root / "proto" / "cup.proto").write_text(text, encoding="ascii")

    def check(self, *words):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            status = check_proto.main(self.root, *words)
        return status, said.getvalue()

    def refuses(self, old, new, word):
        self.write(FIRST.replace(old, new))
        status, said = self.check("--write")
        self.assertEqual(status, 1, new)
        self.assertIn(word, said)

    def test_what_is_released_passes(self):
        self.assertEqual(self.check(), (0, ""))

    def test_names_may_change_and_what_is_alike_on_the_wire(self):
        self.write(FIRST.replace("string name", "bytes title").replace("TEA", "GREEN_TEA"))
        self.assertEqual(self.check()[0], 0)

    def test_a_number_keeps_its_meaning(self):
        self.refuses("int64 size = 2", "string size = 2", "house.v1.Cup 2")
        self.refuses("int64 size = 2", "repeated int64 size = 2", "house.v1.Cup 2")
        self.refuses("int64 size = 2", "int64 size = 4", "house.v1.Cup 2")
        self.refuses("Lay(Cup) returns (Cup)", "Lay(Cup) returns (stream Cup)", "Table/Lay")
        self.refuses("TEA = 1;", "", "house.v1.Kind 1")

    def test_what_is_reserved_may_go_and_never_comes_back(self):
        gone = FIRST.replace("int64 size = 2;", "reserved 2;")
        self.write(gone)
        self.assertEqual(self.check("--write")[0], 0)
        self.write(FIRST)
        self.assertIn("was reserved", self.check()[1])

    def test_what_is_new_is_to_be_written_down(self):
        self.write(FIRST.replace("Kind kind = 3;", "Kind kind = 3; bool is_hot = 4;"))
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn("--write", said)
        self.assertEqual(self.check("--write")[0], 0)
        self.assertEqual(self.check()[0], 0)


if __name__ == "__main__":
    unittest.main()
