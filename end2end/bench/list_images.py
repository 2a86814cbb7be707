"""What `list-images` needs to know of runs.

list_images.py wait IMAGES             reads the console's events until a cycle of so many images is over
list_images.py compare IMAGES JSON LOG whether Drydock's answer and the logs speak of the same images
"""

import json
import pathlib
import re
import sys

OVER = {"Succeeded", "Failed", "Canceled", "Error", "Timeout"}
SCANNED = re.compile(r"Scanning image for vulnerability (\S+):(\S+) for tag (\S+)")


def wait(images):
    for line in sys.stdin:
        if not line.startswith("data:"):
            continue
        cycles = json.loads(line[len("data:"):])
        if cycles and cycles[0]["status"] in OVER:
            check("the cycle succeeded", cycles[0]["status"], "Succeeded")
            check("images in the cycle", len(cycles[0]["images"]), images)
            print(f"  {cycles[0]['summary']}")
            return
    sys.exit("the console's events ended before the cycle did")


def compare(images, answer, log):
    cycle = json.loads(pathlib.Path(answer).read_text())[0]
    ours = {f"{image['repository']}:{image['original']}" for image in cycle["images"]}
    lines = SCANNED.finditer(pathlib.Path(log).read_text())
    theirs = {f"{found[1]}:{found[3]}" for found in lines}
    check("images that were scanned", len(ours), images)
    check("images in the logs", theirs, ours)
    patched = [image for image in cycle["images"] if image["patch"]]
    print(f"the same {len(ours)} images in both, {len(patched)} of them patched")


def check(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: expected {expected}, and it is {actual}")


command, number, *files = sys.argv[1:]
{"wait": wait, "compare": compare}[command](int(number), *files)
