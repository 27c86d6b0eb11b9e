package io.matriarch.elector.simulation;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.enactment.BaseRestore;
import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.vouching.Electors;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
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

    /** The same surroundings, but for one method of one part. */
    static <T> Surroundings in(
            Surroundings right, Class<T> part, String method, Instead<T> instead) {
        Swap<T> swap = new Swap<>(part, method, instead);
        return new Surroundings(
                right.cluster(),
                swap.in(Nodes.class, right.nodes()),
                swap.in(ControlChannel.class, right.control()),
                right.bootId(),
                swap.in(OwnServer.class, right.server()),
                swap.in(OwnFiles.class, right.files()),
                swap.in(Marks.class, right.marks()),
                new Surroundings.Sources(
                        right.sources().rewind(),
                        swap.in(BaseRestore.class, right.sources().archive())),
                swap.in(Electors.class, right.electors()),
                right.activities(),
                swap.in(Pace.class, right.pace()),
                right.listener());
    }

    private record Swap<T>(Class<T> part, String method, Instead<T> instead) {
        <P> P in(Class<P> type, P value) {
            return type.equals(part)
                    ? type.cast(Replaced.method(part, part.cast(value), method, instead))
                    : value;
        }
    }
}
