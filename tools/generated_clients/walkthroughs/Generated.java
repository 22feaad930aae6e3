// Stands for the annotation of jakarta.annotation-api 1.3, which the generated code names: Maven would bring it.
package javax.annotation;

public @interface Generated {
    String value();

    String comments();
}
