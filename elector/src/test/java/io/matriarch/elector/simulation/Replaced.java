package io.matriarch.elector.simulation;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.Surroundings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Surroundings of which one part does something else than it should. */
final class Replaced {

    private Replaced() {}

    /** What is done instead of one method. */
    @FunctionalInterface
    interface Instead<T> {
        @Nullable Object call(T right, Object[] arguments) throws Throwable;
    }

    /** The same, but for one method. */
    static <T> T method(Class<T> type, T right, String method, Instead<T> instead) {
        Object altered =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, called, arguments) -> {
                            if (called.getName().equals(method)) {
                                return instead.call(
                                        right, arguments == null ? new Object[0] : arguments);
                            }
                            try {
                                return called.invoke(right, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
        return type.cast(altered);
    }

    static Surroundings nodes(Surroundings right, UnaryOperator<Nodes> change) {
        return with(
                right,
                change.apply(right.nodes()),
                right.control(),
                right.server(),
                right.files(),
                right.marks(),
                right.pace());
    }

    static Surroundings control(Surroundings right, UnaryOperator<ControlChannel> change) {
        return with(
                right,
                right.nodes(),
                change.apply(right.control()),
                right.server(),
                right.files(),
                right.marks(),
                right.pace());
    }

    static Surroundings marks(Surroundings right, UnaryOperator<Marks> change) {
        return with(
                right,
                right.nodes(),
                right.control(),
                right.server(),
                right.files(),
                change.apply(right.marks()),
                right.pace());
    }

    static Surroundings files(Surroundings right, UnaryOperator<OwnFiles> change) {
        return with(
                right,
                right.nodes(),
                right.control(),
                right.server(),
                change.apply(right.files()),
                right.marks(),
                right.pace());
    }

    static Surroundings server(Surroundings right, UnaryOperator<OwnServer> change) {
        return with(
                right,
                right.nodes(),
                right.control(),
                change.apply(right.server()),
                right.files(),
                right.marks(),
                right.pace());
    }

    static Surroundings pace(Surroundings right, UnaryOperator<Pace> change) {
        return with(
                right,
                right.nodes(),
                right.control(),
                right.server(),
                right.files(),
                right.marks(),
                change.apply(right.pace()));
    }

    private static Surroundings with(
            Surroundings right,
            Nodes nodes,
            ControlChannel control,
            OwnServer server,
            OwnFiles files,
            Marks marks,
            Pace pace) {
        return new Surroundings(
                right.cluster(),
                nodes,
                control,
                right.bootId(),
                server,
                files,
                marks,
                right.source(),
                right.archive(),
                right.activity(),
                pace,
                right.listener());
    }
}
