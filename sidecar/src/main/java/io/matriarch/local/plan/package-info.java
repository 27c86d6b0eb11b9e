/**
 * What a local cluster is to be: its shape, its directory, ports, secrets and configuration, and
 * what it needs of the machine.
 *
 * <p>It writes files and looks for programs; it starts and ends nothing that stays.
 */
@NullMarked
package io.matriarch.local.plan;

import org.jspecify.annotations.NullMarked;
