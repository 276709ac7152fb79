# SPDX-License-Identifier: Apache-2.0
"""docs/rfc.md from a small tree. The numbers are put together here, so that the table of this
project does not take them for citations."""
import pathlib
import tempfile
import unittest

import rfc_table

R = "RFC "


class Table(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.root = pathlib.Path(self._folder.name)
        for folder in ("lib", "tests", "docs", "tools"):
            (self.root / folder).mkdir()
        (self.root / "tools/rfc_titles.txt").write_text("7 Seven\n8 Eight\n")
        (self.root / "tools/rfc_done.txt").write_text("")

    def write(self, name, text):
        (self.root / name).write_text(text)

    def faults(self):
        self.write("docs/rfc.md", rfc_table.document(self.root))
        return list(rfc_table.faults(self.root))

    def test_knows_code_with_and_without_a_test(self):
        self.write("lib/a.cpp", f"// {R}7 §1 and §2.1, {R}8 §4, appendix B.1\n")
        self.write("tests/a_test.cpp", f"// {R}7 §2, {R}8 §9.\n")
        found = rfc_table.citations(self.root)
        states = {(r, s): rfc_table.status(s, found[r]) for r in found for s in found[r]}
        self.assertEqual({(7, "1"): "code only", (7, "2.1"): "done", (7, "2"): "test only", (8, "4"): "code only",
                          (8, "appendix B.1"): "code only", (8, "9"): "test only"}, states)

    def test_a_section_beside_is_no_proof(self):
        self.write("lib/a.cpp", f"// {R}7 §4.1\n")
        self.write("tests/a_test.cpp", f"// {R}7 §4.10\n")
        found = rfc_table.citations(self.root)[7]
        self.assertEqual("code only", rfc_table.status("4.1", found))

    def test_what_is_declared_needs_tests(self):
        self.write("tools/rfc_done.txt", "7 §1\n")
        self.write("lib/a.cpp", f"// {R}7 §1.2\n// {R}7 §3\n")
        self.assertEqual(1, len(self.faults()))
        self.write("tests/a_test.cpp", f"// {R}7 §1.2\n")
        self.assertEqual([], self.faults())

    def test_what_is_declared_must_occur(self):
        self.write("tools/rfc_done.txt", "8\n")
        self.assertIn("nothing cites it", self.faults()[0])

    def test_an_rfc_needs_a_title(self):
        self.write("lib/a.cpp", f"// {R}9 §1\n")
        self.assertIn("has no title", self.faults()[0])

    def test_an_old_document_is_found(self):
        self.assertEqual([], self.faults())
        self.write("lib/a.cpp", f"// {R}7 §1\n")
        self.assertIn("out of date", list(rfc_table.faults(self.root))[0])


if __name__ == "__main__":
    unittest.main()
