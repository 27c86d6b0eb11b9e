package io.matriarch.ambassador.view;

/** Where moments come from. The pure parts never ask; whoever drives them does. */
@FunctionalInterface
public interface BootClock {

    BootTime now();
}
