#!/usr/bin/env python3
"""MNIST's images and labels as a CSV file for `uphill fit`: a row an image, 784 pixels and the digit.

tools/mnist_csv.py train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz > mnist.csv
"""
import gzip
import struct
import sys

images, labels = (gzip.open(path).read() for path in sys.argv[1:3])
_, count, height, width = struct.unpack(">4I", images[:16])
assert struct.unpack(">2I", labels[:8]) == (2049, count), "the two files are not of one set"
size = height * width
print(*(f"x{row}_{column}" for row in range(height) for column in range(width)), "digit", sep=",")
text = [str(byte) for byte in range(256)]
for i in range(count):
    row = images[16 + i * size : 16 + (i + 1) * size] + labels[8 + i : 9 + i]
    print(",".join([text[byte] for byte in row]))
