package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.simulation.model.*;
import java.util.*;
public class Hunt {
  public static void main(String[] a) {
    ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.OFF);
    long max=Long.parseLong(a[0]); String only=a.length>1?a[1]:"";
    for (Planted p: Planted.all()) { if(!p.what().contains(only)) continue;
      long t=System.nanoTime(); String found="NOT CAUGHT";
      for(long s=1;s<=max;s++){ History.Outcome o=History.run(p.plan(s),p.defect()); if(o.isFailed() && !History.run(p.plan(s),Defect.NONE).isFailed()){ String m=String.valueOf(o.violation()); found="seed "+s+" "+m.substring(0,Math.min(150,m.length())).replace("io.matriarch.elector.simulation.",""); break;} }
      System.out.printf("%-70s %.1fs %s%n",p.what(),(System.nanoTime()-t)/1e9,found);
    }
  }
}
