package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.SidecarModel;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.simulation.model.*;
import java.util.*;
public class Probe {
  public static void main(String[] a) {
    ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.toLevel(System.getProperty("level","OFF")));
    long from=Long.parseLong(a[0]), to=Long.parseLong(a[1]);
    Map<String,Integer> count=new TreeMap<>(); long t=System.nanoTime(); long ends=0; long commits=0;
    int shown=0;
    for(long s=from;s<to;s++){
      Plan p=Plan.of(s);
      History.Outcome o=History.run(p,Boolean.getBoolean("tell")?new Telling(System.out::println,Defect.NONE):Defect.NONE);
      ends+=o.end(); commits+=o.commits();
      if(o.isFailed()){
        String k=o.violation() instanceof Violation v?v.invariant():String.valueOf(o.violation().getClass().getSimpleName());
        count.merge(k,1,Integer::sum);
        if(shown++<Integer.getInteger("show",3)){ System.out.println(p+"\n  => at "+o.end()/1000+" ms "+o.violation().getMessage()); if(!(o.violation() instanceof Violation)) o.violation().printStackTrace(System.out);}
      }
    }
    System.out.printf("cpu %.2f ms%n",java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()/1e6/(to-from));
    System.out.printf("%d histories, %.2f ms each, mean end %.1f s, commits %.0f, %s%n",to-from,(System.nanoTime()-t)/1e6/(to-from),ends/1e6/(to-from),(double)commits/(to-from),count);
  }
}
