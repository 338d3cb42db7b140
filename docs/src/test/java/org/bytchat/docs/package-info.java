/** Checks of the whole tree, and the documents' examples. */
@NullMarked
package org.bytchat.docs;

import org.jspecify.annotations.NullMarked;
