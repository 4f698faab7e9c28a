// Hand-written signatures of the part of SwiftUI (iOS 17) that KapokViews may use. Linux only, type-checking only:
// nothing here draws. A name that is missing here is a compile error on Linux: look its documentation up, then add it.
import Foundation
import UIKit

// MARK: views and their builder

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

extension Never: View { public var body: Never { fatalError() } }

public protocol Leaf: View where Body == Never {}
extension Leaf { public var body: Never { fatalError() } }

@resultBuilder public enum ViewBuilder {
    public static func buildExpression<C: View>(_ c: C) -> C { c }
    public static func buildBlock() -> EmptyView { EmptyView() }
    public static func buildBlock<C: View>(_ c: C) -> C { c }
    public static func buildBlock<each C: View>(_ c: repeat each C) -> TupleView<(repeat each C)> { TupleView() }
    public static func buildIf<C: View>(_ c: C?) -> C? { c }
    public static func buildEither<T: View, F: View>(first: T) -> ConditionalView<T, F> { ConditionalView() }
    public static func buildEither<T: View, F: View>(second: F) -> ConditionalView<T, F> { ConditionalView() }
    public static func buildLimitedAvailability<C: View>(_ c: C) -> AnyView { AnyView(c) }
}

public struct EmptyView: Leaf { nonisolated public init() {} }
public struct AnyView: Leaf { nonisolated public init<V: View>(_ view: V) {} }
public struct TupleView<T>: Leaf { nonisolated init() {} }
public struct ConditionalView<T: View, F: View>: Leaf { nonisolated init() {} }
extension Optional: View where Wrapped: View { public var body: Never { fatalError() } }
public struct Spacer: Leaf { public init(minLength: CGFloat? = nil) {} }
public struct Divider: Leaf { public init() {} }

// MARK: state

@dynamicMemberLookup @propertyWrapper public struct Binding<Value> {
    public subscript<S>(dynamicMember path: WritableKeyPath<Value, S>) -> Binding<S> { fatalError() }
    public init(get: @escaping () -> Value, set: @escaping (Value) -> Void) { fatalError() }
    public static func constant(_ value: Value) -> Binding<Value> { fatalError() }
    public var wrappedValue: Value { get { fatalError() } nonmutating set {} }
    public var projectedValue: Binding<Value> { self }
}

@propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) {}
    public init(initialValue: Value) {}
    public var wrappedValue: Value { get { fatalError() } nonmutating set {} }
    public var projectedValue: Binding<Value> { fatalError() }
}

@dynamicMemberLookup @propertyWrapper public struct Bindable<Value: AnyObject> {
    public init(wrappedValue: Value) {}
    public var wrappedValue: Value { get { fatalError() } set {} }
    public var projectedValue: Bindable<Value> { self }
    public subscript<S>(dynamicMember path: ReferenceWritableKeyPath<Value, S>) -> Binding<S> { fatalError() }
}

@propertyWrapper public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) {}
    public init(_ type: Value.Type) where Value: AnyObject {}
    public var wrappedValue: Value { fatalError() }
}

@propertyWrapper public struct FocusState<Value: Hashable> {
    public init() where Value == Bool {}
    public var wrappedValue: Value { get { fatalError() } nonmutating set {} }
    public var projectedValue: Self { self }
}

public struct EnvironmentValues {
    public var dismiss: DismissAction { fatalError() }
    public var scenePhase: ScenePhase { fatalError() }
    public var openURL: OpenURLAction { fatalError() }
}
@MainActor public struct DismissAction { public func callAsFunction() {} }
@MainActor public struct OpenURLAction { public func callAsFunction(_ url: URL) {} }
public enum ScenePhase: Comparable, Hashable, Sendable { case background, inactive, active }

// MARK: containers

public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public enum VerticalAlignment: Sendable { case top, center, bottom, firstTextBaseline }
public enum Alignment: Sendable { case center, top, bottom, leading, trailing }
public struct GridItem: Sendable {
    public enum Size: Sendable {
        case flexible(minimum: CGFloat = 10, maximum: CGFloat = .infinity)
        case fixed(CGFloat)
    }
    public init(_ size: Size = .flexible(), spacing: CGFloat? = nil, alignment: Alignment? = nil) {}
}
public struct VStack<C: View>: Leaf {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> C) {}
}
public struct HStack<C: View>: Leaf {
    public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> C) {}
}
public struct ZStack<C: View>: Leaf {
    public init(alignment: Alignment = .center, @ViewBuilder content: () -> C) {}
}
public struct LazyVGrid<C: View>: Leaf {
    public init(columns: [GridItem], spacing: CGFloat? = nil, @ViewBuilder content: () -> C) {}
}
public struct NavigationStack<Data, C: View>: Leaf {
    public init<V: Hashable>(path: Binding<[V]>, @ViewBuilder root: () -> C) where Data == [V] {}
}
public struct ScrollView<C: View>: Leaf { public init(@ViewBuilder content: () -> C) {} }
public struct LabeledContent<L: View, C: View>: Leaf {
    public init(@ViewBuilder content: () -> C, @ViewBuilder label: () -> L) {}
}
public struct NavigationLink<L: View>: Leaf {
    public init<V: Hashable>(value: V?, @ViewBuilder label: () -> L) {}
}
public struct List<C: View>: Leaf { public init(@ViewBuilder content: () -> C) {} }
public struct Form<C: View>: Leaf { public init(@ViewBuilder content: () -> C) {} }
public struct Group<C: View>: Leaf { public init(@ViewBuilder content: () -> C) {} }
public struct Section<P: View, C: View>: Leaf {
    public init(@ViewBuilder content: () -> C, @ViewBuilder header: () -> P) {}
    public init(_ title: LocalizedStringKey, @ViewBuilder content: () -> C) where P == Text {}
    public init(@ViewBuilder content: () -> C) where P == EmptyView {}
}
public struct ForEach<D: RandomAccessCollection, ID: Hashable, C: View>: Leaf {
    public init(_ data: D, @ViewBuilder content: @escaping (D.Element) -> C) where D.Element: Identifiable, ID == D.Element.ID {}
    public init(_ data: D, id: KeyPath<D.Element, ID>, @ViewBuilder content: @escaping (D.Element) -> C) {}
    public init(_ data: Range<Int>, @ViewBuilder content: @escaping (Int) -> C) where D == Range<Int>, ID == Int {}
    public func onDelete(perform: ((IndexSet) -> Void)?) -> some View { EmptyView() }
}

// MARK: controls

public struct LocalizedStringKey: ExpressibleByStringInterpolation, Equatable {
    public init(_ value: String) {}
    public init(stringLiteral value: String) {}
}
public struct Text: Leaf, Equatable {
    nonisolated public init(_ key: LocalizedStringKey, tableName: String? = nil, bundle: Bundle? = nil) {}
    nonisolated public init<S: StringProtocol>(_ content: S) {}
    nonisolated public init(verbatim: String) {}
    nonisolated public init(timerInterval: ClosedRange<Date>, pauseTime: Date? = nil, countsDown: Bool = true, showsHours: Bool = true) {}
    nonisolated public static func == (a: Text, b: Text) -> Bool { true }
}
public struct Image: Leaf {
    public init(systemName: String) {}
    public init(uiImage: UIImage) {}
    public func resizable() -> Image { self }
}
public struct Label<T: View, I: View>: Leaf {
    public init(_ title: LocalizedStringKey, systemImage: String) where T == Text, I == Image {}
}
public struct ButtonRole: Equatable, Sendable {
    public static let destructive = ButtonRole()
    public static let cancel = ButtonRole()
}
public struct Button<L: View>: Leaf {
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> L) {}
    public init(_ title: LocalizedStringKey, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void) where L == Text {}
    public init(role: ButtonRole?, action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> L) {}
}
public struct TextField<L: View>: Leaf {
    public init(text: Binding<String>, prompt: Text? = nil, @ViewBuilder label: () -> L) {}
}
public struct SecureField<L: View>: Leaf {
    public init(text: Binding<String>, prompt: Text? = nil, @ViewBuilder label: () -> L) {}
}
public struct Picker<L: View, V: Hashable, C: View>: Leaf {
    public init(selection: Binding<V>, @ViewBuilder content: () -> C, @ViewBuilder label: () -> L) {}
}
public struct Toggle<L: View>: Leaf {
    public init(isOn: Binding<Bool>, @ViewBuilder label: () -> L) {}
}
public struct ProgressView<L: View>: Leaf { public init() where L == EmptyView {} }
public struct ContentUnavailableView<L: View>: Leaf {
    public init(_ title: LocalizedStringKey, systemImage: String) where L == Text {}
}

// MARK: style

public protocol ShapeStyle {}
public struct Color: Leaf, ShapeStyle, Sendable {
    nonisolated init(_: Void) {}
    public init(_ name: String, bundle: Bundle? = nil) {}
    nonisolated public static let primary = Color(()), secondary = Color(()), red = Color(()), accentColor = Color(())
}
extension ShapeStyle where Self == Color { public static var red: Color { .init(()) } ; public static var secondary: Color { .init(()) } }
public struct Circle: Leaf { public init() {} ; public func fill<S: ShapeStyle>(_ s: S) -> some View { self } }
public struct Font: Sendable {
    public enum Weight: Sendable { case regular, medium, semibold, bold }
    public static let title = Font(), headline = Font(), body = Font(), footnote = Font(), largeTitle = Font()
    public func monospacedDigit() -> Font { self }
}
public struct Edge { public struct Set: OptionSet, Sendable {
    public let rawValue: Int8
    public init(rawValue: Int8) { self.rawValue = rawValue }
    public static let all = Set(rawValue: 15), horizontal = Set(rawValue: 10), vertical = Set(rawValue: 5)
    public static let top = Set(rawValue: 1), leading = Set(rawValue: 2), bottom = Set(rawValue: 4), trailing = Set(rawValue: 8)
} }
public protocol PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle { public init() {} }
public struct BorderedButtonStyle: PrimitiveButtonStyle { public init() {} }
extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle { public static var borderedProminent: Self { .init() } }
extension PrimitiveButtonStyle where Self == BorderedButtonStyle { public static var bordered: Self { .init() } }
public struct AccessibilityChildBehavior: Sendable { public static let ignore = Self(), combine = Self() }
public struct AccessibilityTraits: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let isHeader = Self(rawValue: 1), updatesFrequently = Self(rawValue: 2)
}

// MARK: modifiers

extension View {
    public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { self }
    public func padding(_ length: CGFloat) -> some View { self }
    public func scaledToFit() -> some View { self }
    public func tag<V: Hashable>(_ tag: V) -> some View { self }
    public func onOpenURL(perform action: @escaping (URL) -> Void) -> some View { self }
    public func navigationTitle(_ title: Text) -> some View { self }
    public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { self }
    public func confirmationDialog<A: View>(_ title: Text, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A) -> some View { self }
    public func frame(width: CGFloat? = nil, height: CGFloat? = nil, alignment: Alignment = .center) -> some View { self }
    public func frame(minWidth: CGFloat? = nil, maxWidth: CGFloat? = nil, minHeight: CGFloat? = nil, maxHeight: CGFloat? = nil) -> some View { self }
    public func font(_ font: Font?) -> some View { self }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { self }
    public func opacity(_ opacity: Double) -> some View { self }
    public func disabled(_ disabled: Bool) -> some View { self }
    public func privacySensitive(_ sensitive: Bool = true) -> some View { self }
    public func buttonStyle<S: PrimitiveButtonStyle>(_ style: S) -> some View { self }
    public func navigationDestination<D: Hashable, C: View>(for type: D.Type, @ViewBuilder destination: @escaping (D) -> C) -> some View { self }
    public func toolbar<C: View>(@ViewBuilder content: () -> C) -> some View { self }
    public func sheet<C: View>(isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> C) -> some View { self }
    public func alert<A: View>(_ title: LocalizedStringKey, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A) -> some View { self }
    public func environment<T: AnyObject>(_ object: T?) -> some View { self }
    public func task(priority: TaskPriority = .userInitiated, _ action: @escaping @MainActor @Sendable () async -> Void) -> some View { self }
    public func task<T: Equatable>(id: T, priority: TaskPriority = .userInitiated, _ action: @escaping @MainActor @Sendable () async -> Void) -> some View { self }
    public func onChange<V: Equatable>(of value: V, initial: Bool = false, _ action: @escaping (_ old: V, _ new: V) -> Void) -> some View { self }
    public func onAppear(perform: (() -> Void)? = nil) -> some View { self }
    public func ignoresSafeArea() -> some View { self }
    public func overlay<C: View>(alignment: Alignment = .center, @ViewBuilder content: () -> C) -> some View { self }
    public func accessibilityLabel(_ label: LocalizedStringKey) -> some View { self }
    public func accessibilityLabel(_ label: Text) -> some View { self }
    public func accessibilityValue(_ value: Text) -> some View { self }
    public func accessibilityIdentifier(_ id: String) -> some View { self }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { self }
    public func accessibilityHidden(_ hidden: Bool) -> some View { self }
}

// MARK: app and UIKit

@MainActor @preconcurrency public protocol Scene { associatedtype Body: Scene ; @SceneBuilder var body: Body { get } }
extension Never: Scene {}
@resultBuilder public enum SceneBuilder { public static func buildBlock<S: Scene>(_ s: S) -> S { s } }
public struct WindowGroup<C: View>: Scene { public init(@ViewBuilder content: () -> C) {} ; public var body: Never { fatalError() } }
@MainActor @preconcurrency public protocol App { associatedtype Body: Scene ; @SceneBuilder var body: Body { get } ; init() }
extension App { public static func main() {} }

@MainActor @preconcurrency public protocol UIViewRepresentable: View where Body == Never {
    associatedtype UIViewType: UIView
    associatedtype Coordinator = Void
    typealias Context = UIViewRepresentableContext<Self>
    func makeUIView(context: Context) -> UIViewType
    func updateUIView(_ view: UIViewType, context: Context)
    static func dismantleUIView(_ view: UIViewType, coordinator: Coordinator)
    func makeCoordinator() -> Coordinator
}
extension UIViewRepresentable {
    public var body: Never { fatalError() }
    public static func dismantleUIView(_ view: UIViewType, coordinator: Coordinator) {}
}
extension UIViewRepresentable where Coordinator == Void { public func makeCoordinator() {} }
@MainActor public struct UIViewRepresentableContext<R: UIViewRepresentable> { public var coordinator: R.Coordinator { fatalError() } }
