package io.matriarch.archiver.store;

import java.lang.reflect.Array;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * Starts S3Mock in its own jar's class loader, on the loopback alone. Its second connector would
 * listen on all addresses, and no setting changes that; so the bean is given its address before it
 * is started. By reflection, for Spring is on no class path of ours.
 */
public final class LoopbackS3Mock {

    private LoopbackS3Mock() {}

    /** What a method of an interface does, given its arguments. */
    @FunctionalInterface
    private interface Act {
        Object run(Object[] given) throws ReflectiveOperationException;
    }

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Class<?> type = named("org.springframework.boot.builder.SpringApplicationBuilder");
        Class<?>[] sources = {named("com.adobe.testing.s3mock.S3MockApplication")};
        Object builder = type.getConstructor(Class[].class).newInstance((Object) sources);
        Class<?> initializer = named("org.springframework.context.ApplicationContextInitializer");
        Object initializers = Array.newInstance(initializer, 1);
        Array.set(
                initializers,
                0,
                implemented(initializer, Map.of("initialize", given -> watchBeans(given[0]))));
        type.getMethod("initializers", initializers.getClass()).invoke(builder, initializers);
        type.getMethod("run", String[].class).invoke(builder, (Object) arguments);
    }

    private static Object watchBeans(Object context) throws ReflectiveOperationException {
        Class<?> watcher = named("org.springframework.beans.factory.config.BeanPostProcessor");
        Object factory =
                named("org.springframework.context.ConfigurableApplicationContext")
                        .getMethod("getBeanFactory")
                        .invoke(context);
        Map<String, Act> acts =
                Map.of(
                        "postProcessBeforeInitialization", given -> bound(given[0], given[1]),
                        "postProcessAfterInitialization", given -> given[0]);
        named("org.springframework.beans.factory.config.ConfigurableBeanFactory")
                .getMethod("addBeanPostProcessor", watcher)
                .invoke(factory, implemented(watcher, acts));
        return context;
    }

    private static Object bound(Object bean, Object name) throws ReflectiveOperationException {
        if (name.equals("httpConnector")) {
            bean.getClass()
                    .getMethod("setProperty", String.class, String.class)
                    .invoke(bean, "address", "127.0.0.1");
        }
        return bean;
    }

    private static Object implemented(Class<?> type, Map<String, Act> acts) {
        return Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (_, method, given) -> {
                    Act act = acts.get(method.getName());
                    // What every object has is asked for too.
                    return act == null ? method.invoke(acts, given) : act.run(given);
                });
    }

    private static Class<?> named(String name) throws ClassNotFoundException {
        return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
    }
}
