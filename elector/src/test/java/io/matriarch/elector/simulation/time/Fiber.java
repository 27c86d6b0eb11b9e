package io.matriarch.elector.simulation.time;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * What a thread is in a simulation: code that blocks, on virtual time. It runs until it parks and
 * goes on when it is resumed, all on the one thread of its history, so that nothing is left to a
 * scheduler; and a process is killed between any two steps by never resuming its fibers.
 *
 * <p>Made of the JDK's own continuations, which virtual threads are made of too. They are not
 * exported, so the tests run with {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}.
 */
final class Fiber {

    private static final Object SCOPE;
    private static final MethodHandle MAKE;
    private static final MethodHandle RUN;
    private static final MethodHandle YIELD;

    static {
        try {
            Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
            Class<?> continuation = Class.forName("jdk.internal.vm.Continuation");
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SCOPE =
                    lookup.findConstructor(scope, MethodType.methodType(void.class, String.class))
                            .invoke("simulation");
            MAKE =
                    lookup.findConstructor(
                                    continuation,
                                    MethodType.methodType(void.class, scope, Runnable.class))
                            .asType(
                                    MethodType.methodType(
                                            Object.class, Object.class, Runnable.class));
            RUN =
                    lookup.findVirtual(continuation, "run", MethodType.methodType(void.class))
                            .asType(MethodType.methodType(void.class, Object.class));
            YIELD =
                    lookup.findStatic(
                                    continuation,
                                    "yield",
                                    MethodType.methodType(boolean.class, scope))
                            .asType(MethodType.methodType(boolean.class, Object.class));
        } catch (Throwable e) { // a method handle declares no less
            throw new ExceptionInInitializerError(e);
        }
    }

    private final VirtualTime time;
    private final Object continuation;
    private @Nullable RuntimeException trouble;
    private @Nullable Error violation;

    Fiber(VirtualTime time, Lifetime.Body body) {
        this.time = time;
        Runnable whole =
                () -> {
                    try {
                        body.run();
                    } catch (InterruptedException e) {
                        trouble = new IllegalStateException("nobody interrupts a fiber", e);
                    } catch (RuntimeException e) {
                        trouble = e;
                    } catch (Error e) {
                        violation = e;
                    }
                };
        try {
            this.continuation = (Object) MAKE.invokeExact(SCOPE, whole);
        } catch (Throwable e) { // a method handle declares no less
            throw new IllegalStateException("no continuation", e);
        }
    }

    /** Lets it run until it parks or ends; what it throws is thrown here. */
    void resume() {
        Fiber before = time.running;
        time.running = this;
        try {
            RUN.invokeExact(continuation);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // a method handle declares no less
            throw new IllegalStateException("a fiber broke", e);
        } finally {
            time.running = before;
        }
        if (trouble != null) {
            throw trouble;
        }
        if (violation != null) {
            throw violation;
        }
    }

    /** Stops the running fiber until somebody resumes it. */
    static void park() {
        try {
            boolean isParked = (boolean) YIELD.invokeExact(SCOPE);
            if (!isParked) {
                throw new IllegalStateException("a fiber could not park");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // a method handle declares no less
            throw new IllegalStateException("a fiber could not park", e);
        }
    }
}
