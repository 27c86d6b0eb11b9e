package io.matriarch.ambassador.view;

/** What happens to a new connection that asks for the primary. */
public sealed interface Route {

    /** It is connected to the primary. */
    record Serving(Target.Primary target) implements Route {}

    /** It waits. */
    record Holding(HoldReason reason) implements Route {}
}
