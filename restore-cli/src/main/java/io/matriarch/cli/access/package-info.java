/**
 * How a command finds a cluster and its repository: from a local cluster's directory, from a
 * configuration file, or from a repository's URL alone.
 *
 * <p>A command opens a session of its own at ZooKeeper and never uses a member's identity. Nothing
 * is decided here.
 */
@NullMarked
package io.matriarch.cli.access;

import org.jspecify.annotations.NullMarked;
