// SPDX-License-Identifier: Apache-2.0
// The one file of a target that only compiles headers; CMake wants one.
