/** What a restored server is run with: options of more than one command. */
@NullMarked
package io.matriarch.cli.server;

import org.jspecify.annotations.NullMarked;
