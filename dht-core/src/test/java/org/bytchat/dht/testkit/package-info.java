/**
 * What tests of every module share: seeds and shrinking. Published as a test jar, never in main.
 */
@NullMarked
package org.bytchat.dht.testkit;

import org.jspecify.annotations.NullMarked;
