# SPDX-License-Identifier: Apache-2.0
"""Each rule for files and folders, broken once in a small tree."""
import pathlib
import tempfile
import unittest

import check_tree

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
SCRIPT = "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"
BAD = {
    "lib/a/a.cpp": ("int x;\n", "has no licence line"),
    "lib/a/b.sh": ("#!/bin/sh\n", "has no licence line"),
    "lib/a/c.py": (SCRIPT + "x = 1\n" * 500, "more than 500"),
    "lib/a/d.cpp": (LICENCE + 'auto x = "/home' + '/someone/x";\n', "a path of one machine"),
    "lib/a/e.cpp": (LICENCE + "// TO" + "DO later\n", "unfinished work"),
    "lib/a/f.cpp": (LICENCE + "std::re" + "gex x;\n", "no bound"),
    "lib/a/g.md": ("<" * 7 + " main\n", "a conflict"),
    "lib/a/h.sh": (SCRIPT + "x=/tm" + "p/fixed\n", "a fixed name"),
    "lib/a/i.py": (SCRIPT + "x = 'https://reg" + "istry.example.org/x'\n", "a package registry"),
}
GOOD = {
    "lib/a/README.md": "# a\n",
    "lib/a/a.cpp": LICENCE + "int x; // the way home/office\n",
    "lib/a/b.sh": SCRIPT + 'x="$folder/home/x"\n',
    "tests/lib/a/a_test.cpp": LICENCE,  # mirrors: no README needed
    "build/dev/a.cpp": "made, not ours\n",
    "run/a.sh": "made, not ours\n",
}


def tree(files):
    folder = tempfile.TemporaryDirectory()
    for name, text in files.items():
        path = pathlib.Path(folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


class Tree(unittest.TestCase):
    def test_names_each_broken_rule(self):
        for name, (text, expected) in BAD.items():
            with self.subTest(name=name), tree({**GOOD, name: text}) as folder:
                found = list(check_tree.faults(pathlib.Path(folder)))
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith(name + ": ") and expected in found[0], found)

    def test_misses_the_readme_of_a_folder(self):
        with tree({"lib/a/a.cpp": LICENCE}) as folder:
            self.assertEqual(["lib/a: has no README.md"], list(check_tree.faults(pathlib.Path(folder))))

    def test_lets_pass_what_is_allowed(self):
        with tree(GOOD) as folder:
            self.assertEqual([], list(check_tree.faults(pathlib.Path(folder))))


if __name__ == "__main__":
    unittest.main()
